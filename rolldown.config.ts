import { defineConfig, type Plugin } from "rolldown";

// What dockerode loads at every start for building images and for engines behind ssh, and what node-fetch brings for a Node
// without web streams. regclient uses none of it.
const UNUSED = new Set([
  "@grpc/grpc-js",
  "@grpc/proto-loader",
  "protobufjs",
  "ssh2",
  "web-streams-polyfill/dist/ponyfill.es2018.js",
]);

const leaveOut: Plugin = {
  name: "leave-out-unused",
  resolveId: (id) => (UNUSED.has(id) ? `\0left-out:${id}` : null),
  load: (id) => (id.startsWith("\0left-out:") ? "module.exports = {};" : null),
};

// An import of node:http makes Node evaluate all its exports, and one of those loads undici: a fifth of a short run.
const plainHttp: Plugin = {
  name: "plain-http",
  resolveId: (id) => (id === "node:http" ? "\0plain-http" : null),
  load: (id) =>
    id === "\0plain-http"
      ? `const http = process.getBuiltinModule("node:http");
         export default http;
         export const { Agent, STATUS_CODES, validateHeaderName, validateHeaderValue } = http;`
      : null,
};

const common = {
  platform: "node" as const,
  plugins: [leaveOut, plainHttp],
  // keytar finds its native part beside itself
  external: ["keytar"],
  // its CommonJS form is UMD, whose inner requires no bundler follows
  resolve: { alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" } },
};
const minify = { compress: false, mangle: false, codegen: true };

// One file a command, so that a start reads a few files and not some hundred. The credential helper starts at every
// pull, and CommonJS starts faster.
export default defineConfig([
  {
    ...common,
    input: { main: "src/main.ts" },
    output: { dir: "dist", format: "esm", cleanDir: true, chunkFileNames: "[name]-[hash].js", minify },
  },
  {
    ...common,
    input: { main: "src/helper/main.ts" },
    output: {
      dir: "dist/helper",
      format: "cjs",
      entryFileNames: "[name].cjs",
      chunkFileNames: "[name]-[hash].cjs",
      minify,
    },
  },
]);
