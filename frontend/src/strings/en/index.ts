export { admin, allJobs, health, keys, people, trail, usage, verify } from "./admin";
export { comparing, facts, source } from "./source";
export { evaluation } from "./evaluation";
export { feedback, notices } from "./feedback";
export { filter } from "./filter";
export { product, shell, ui } from "./shell";
export { reviews } from "./reviews";
export { signIn } from "./session";
