export { admin, allJobs, health, keys, people, trail, usage, verify } from "./admin";
export { evaluation } from "./evaluation";
export { product, shell, ui } from "./shell";
export { comparing, facts, source } from "./source";
export { signIn } from "./session";
