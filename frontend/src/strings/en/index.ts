export { product, shell, ui } from "./shell";
export { feedback, notices } from "./feedback";
export { reviews } from "./reviews";
