export { product, shell, ui } from "./shell";
