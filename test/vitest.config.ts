import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // The integration tests start processes and measure time: more at once than cores makes them wait for one another.
    maxWorkers: 2,
    minWorkers: 1
  }
})
