// what is loaded asks for the working directory at once, and would end with a bare trace where it was removed
if (hasWorkingDirectory()) {
  // by itself, so that the bundle's cache of compiled code is there before the rest is loaded
  void import("./program.ts").then(async ({ main }) => main());
} else {
  process.stderr.write("regclient: error: the working directory was removed\n  fix:   cd /\n");
  process.exitCode = 2;
}

function hasWorkingDirectory(): boolean {
  try {
    return process.cwd() !== "";
  } catch {
    return false;
  }
}
