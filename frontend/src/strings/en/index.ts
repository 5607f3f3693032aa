export { admin, keys, trail } from "./admin";
export { documents } from "./documents";
export { jobs } from "./jobs";
export { product, shell, ui } from "./shell";
