#!/usr/bin/env node
// Committed, so that pnpm can link the command before anything is built.
import('../dist/cli/main.js').then(
  ({ main }) => main(process.argv.slice(2)),
  (error) => {
    const unbuilt = error.code === 'ERR_MODULE_NOT_FOUND' && /dist.cli.main\.js' imported/.test(error.message);
    console.error(unbuilt ? 'saywhy is not built yet: run `npm run build` first.' : error);
    process.exitCode = 1;
  },
);
