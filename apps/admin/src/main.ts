import { configOrExit } from '@portcullis/config';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';

const config = configOrExit(() => loadConfig(process.env));

await using app = await createApp(config);
app.log.info({ url: app.server.url }, 'admin console is listening');

await new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve));
