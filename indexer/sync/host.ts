/** What may be shown of an RPC URL: paths, users and queries of providers are keys. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "an invalid URL";
}

/** Messages of libraries may quote the URL. */
export function withoutUrls(message: string, urls: readonly string[]): string {
  const forms = urls.flatMap((url) => (URL.canParse(url) ? [url, new URL(url).href] : [url]));
  return forms.reduce((text, form) => text.replaceAll(form, hostOf(form)), message);
}
