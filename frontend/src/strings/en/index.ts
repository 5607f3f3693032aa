export { filter } from "./filter";
export { admin, keys, trail } from "./admin";
export { product, shell, ui } from "./shell";
export { feedback, notices } from "./feedback";
export { reviews } from "./reviews";
