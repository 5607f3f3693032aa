export { admin, allJobs, health, keys, people, trail, usage, verify } from "./admin";
export { evaluation } from "./evaluation";
export { product, shell, ui } from "./shell";
export { signIn } from "./session";
