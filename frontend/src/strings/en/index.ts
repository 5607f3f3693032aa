export { filter } from "./filter";
export { admin, keys, trail } from "./admin";
export { evaluation } from "./evaluation";
export { product, shell, ui } from "./shell";
export { feedback, notices } from "./feedback";
export { reviews } from "./reviews";
export { signIn } from "./session";
