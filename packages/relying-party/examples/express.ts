/** Sign-in with Portcullis for an Express application: `settings.ts` says what it reads from the environment. */
import { joinFamily, loadSettings } from '@portcullis/relying-party';
import express from 'express';

const settings = loadSettings(process.env);
const { rp } = joinFamily({ name: 'notes', settings });
const door = rp.express();

const app = express();
app.use(door.session, express.urlencoded());
app.get('/', (req, res) => {
  const { session } = door.visit(req);
  res.send(session ? `Hello ${session.name}` : '<a href="/sign-in">Sign in</a>');
});
app.get('/notes', door.required, (req, res) => {
  const { session, csrf } = door.visit(req);
  const token = `<input type="hidden" name="csrf" value="${csrf}">`;
  res.send(`<p>Notes of ${session?.sub}</p>
    <form action="/notes" method="post">${token}<input name="note"></form>
    <form action="/sign-out" method="post">${token}<button name="here" value="1">Sign out</button></form>`);
});
app.post('/notes', door.required, door.protect, (req, res) => void res.send(`Noted: ${JSON.stringify(req.body)}`));
app.get('/secrets', door.stepUp({ maxAgeSeconds: 300 }), (_req, res) => void res.send('Signed in lately'));
app.listen(settings.port);
