/** In place of `@chainsafe/bls`: the page neither signs with BLS nor checks it, and the library is 1 MB of WebAssembly there. */
const absent = new Proxy(
  {},
  {
    get() {
      throw new Error("BLS is not in this page");
    },
  },
);

export const PointFormat: object = absent;
// biome-ignore lint/style/noDefaultExport: the library has one
export default absent;
