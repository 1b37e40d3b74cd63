import { defineConfig } from "vitest/config";

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
        },
      },
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
