import { render } from "preact";
import { App } from "./app.tsx";
import { startRouter } from "./router.ts";
import { startWallets } from "./wallet/connection.ts";

startRouter();
startWallets();
const root = document.getElementById("app");
if (root) {
  root.textContent = "";
  render(<App />, root);
}
