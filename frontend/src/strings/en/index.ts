export * as answers from "./answer";
export { admin, keys, trail } from "./admin";
export { product, shell, ui } from "./shell";
