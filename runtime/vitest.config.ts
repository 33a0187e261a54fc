import { defineConfig } from "vitest/config";

export default defineConfig({
  server: { fs: { allow: [".."] } },
  test: {
    include: ["{core,loader,templates,skins,build}/**/*.test.{ts,mjs}"],
    environment: "node",
    // Builds and property tests take their time on a busy machine; none of them measures it.
    testTimeout: 120_000,
    css: true,
  },
});
