import { defineConfig, type Plugin } from "rolldown";
import manifest from "./package.json" with { type: "json" };

// What dockerode loads at every start for building images and for engines behind ssh, and what node-fetch brings for a Node
// without web streams, and what prom-client counts processor time with. regclient uses none of it.
const UNUSED = new Set([
  // prom-client counts a process's time with it
  "@opentelemetry/api",
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

// The newer ones that yargs brings build an emoji expression and a text segmenter at every start: half of a short run.
// The help is laid out by the one that the tables use.
const ONE_WIDTH = new URL("node_modules/string-width/index.js", import.meta.url).pathname;
const oneStringWidth: Plugin = {
  name: "one-string-width",
  resolveId: (id) => (id === "string-width" ? ONE_WIDTH : null),
};

// Parts of Node that not every command uses are loaded when something of theirs is first asked for; but for those that
// are imported as a whole.
const REQUIRED = /^let (\w+) = require\(("(?:node:)?[\w/]+")\);$/gm;
// and what loads the code may know no import()
const IMPORTED = /\bimport\(("node:[\w/]+")\)/g;
const lateBuiltins: Plugin = {
  name: "late-builtins",
  renderChunk: (code) => {
    const direct = code.replaceAll(IMPORTED, (_, id: string) => `Promise.resolve(process.getBuiltinModule(${id}))`);
    const late = direct.replaceAll(REQUIRED, (line: string, name: string, id: string) =>
      code.includes(`\n${name} = `) ? line : `const ${name} = lateBuiltin(${id});`,
    );
    return late === code ? null : late === direct ? late : LATE_BUILTIN + late;
  },
};
const LATE_BUILTIN = `function lateBuiltin(id) {
  let loaded;
  return new Proxy({}, { get: (_, name) => (loaded ??= process.getBuiltinModule(id))[name] });
}
`;

const common = {
  platform: "node" as const,
  plugins: [leaveOut, oneStringWidth, lateBuiltins],
  // keytar finds its native part beside itself
  external: ["keytar"],
  // yargs asks for it in a part that is not used
  transform: { define: { "import.meta.resolve": "undefined" } },
  // its CommonJS form is UMD, whose inner requires no bundler follows
  resolve: { alias: { "jsonc-parser": "jsonc-parser/lib/esm/main.js" } },
};
const output = {
  format: "cjs" as const,
  entryFileNames: "[name].cjs",
  chunkFileNames: "[name]-[hash].cjs",
  minify: { compress: false, mangle: false, codegen: true },
};

// Said before anything is loaded that an older Node cannot read: npm only warns of it. Docker shows what its helper wrote to stdout.
const { engines } = manifest;
const OLDEST = Number.parseInt(engines.node.replace(/^>=/, ""), 10);
const checkNode = (program: string, stream: 1 | 2): string =>
  `if (parseInt(process.versions.node, 10) < ${OLDEST}) { require("fs").writeSync(${stream}, "${program}: error: it needs Node ${OLDEST} ` +
  `or newer, and this is Node " + process.versions.node + ", " + process.execPath + "\\n"); process.exit(2); }`;
// kept beside the code; where nothing can be written, it is compiled anew
const KEEP_COMPILED = 'require("node:module").enableCompileCache(`${__dirname}/cache`);';

// One file a command, so that a start reads a few files and not some hundred; and CommonJS, because an ES module that
// imports a part of Node makes Node evaluate all that this part exports.
export default defineConfig([
  {
    ...common,
    input: { main: "src/main.ts" },
    output: {
      ...output,
      dir: "dist",
      cleanDir: true,
      banner: ({ name }) => (name === "main" ? `${checkNode("regclient", 2)}\n${KEEP_COMPILED}` : ""),
    },
  },
  {
    ...common,
    input: { main: "src/helper/main.ts" },
    output: {
      ...output,
      dir: "dist/helper",
      banner: ({ name }) => (name === "main" ? checkNode("docker-credential-regclient", 1) : ""),
    },
  },
]);
