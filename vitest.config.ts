import { defineConfig } from "vitest/config";

const lab = { testTimeout: 120_000, hookTimeout: 120_000 };
// they look at all that is left on this machine, so nothing else may run beside them
const alone = ["test/lab/lab.test.ts", "test/lab/systemd.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          // property tests take long on a busy machine
          testTimeout: 30_000,
          include: ["test/**/*.test.ts"],
          exclude: ["test/lab/**"],
          restoreMocks: true,
          unstubEnvs: true,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          exclude: alone,
          // each has hosts of its own, and waits most of the time
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...lab,
        },
      },
      { test: { name: "lab-alone", include: alone, fileParallelism: false, sequence: { groupOrder: 2 }, ...lab } },
    ],
  },
});
