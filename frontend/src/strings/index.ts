/**
 * Every word that the page shows, in one place, a file for each part of it. Another language is another folder that
 * fills the same shape (`Words`), chosen here. Words that the server sends (problems, explanations) stay as they come.
 */
import * as en from "./en";

export type Words = typeof en;

export const words: Words = en;
