export { filter } from "./filter";
export { product, shell, ui } from "./shell";
