import { configOrExit } from '@portcullis/config';
import { listen } from '@portcullis/http';
import { largerBodies } from '#account-console/upload.ts';
import { createApp } from './app.ts';
import { loadConfig } from './config.ts';

const config = configOrExit(() => loadConfig(process.env));

await using app = await createApp(config);
await using server = await listen(app.koa, {
  port: config.http.port,
  allowedHosts: [config.http.host],
  largerBodies,
});
app.log.info({ url: config.issuer, port: server.port }, 'listening');

await new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve));
app.log.info('draining');
