export { admin, keys, trail } from "./admin";
export { evaluation } from "./evaluation";
export { product, shell, ui } from "./shell";
export { signIn } from "./session";
