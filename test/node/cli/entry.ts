import { main } from '../../../packages/node/src/cli/main.js';

await main(process.argv.slice(2));
