export { admin, allJobs, health, keys, people, trail, usage, verify } from "./admin";
export { admin, keys, trail } from "./admin";
export { evaluation } from "./evaluation";
export { feedback, notices } from "./feedback";
export { filter } from "./filter";
export { product, shell, ui } from "./shell";
export { reviews } from "./reviews";
export { signIn } from "./session";
