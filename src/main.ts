import { enableCompileCache } from "node:module";

// what V8 made of the code the last time is kept beside it; where that cannot be written, it is made anew
enableCompileCache(`${import.meta.dirname}/cache`);
void import("./program.ts").then(async ({ main }) => main());
