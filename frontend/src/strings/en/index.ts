export { admin, keys, trail } from "./admin";
export { product, shell, ui } from "./shell";
export { comparing, facts, source } from "./source";
