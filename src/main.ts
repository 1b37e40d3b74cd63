// by itself, so that the bundle's cache of compiled code is there before the rest is loaded
void import("./program.ts").then(async ({ main }) => main());
