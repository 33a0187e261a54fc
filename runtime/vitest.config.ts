import { defineConfig } from "vitest/config";

export default defineConfig({
  server: { fs: { allow: [".."] } },
  test: {
    include: ["{core,loader,templates,build}/**/*.test.{ts,mjs}"],
    environment: "node",
  },
});
