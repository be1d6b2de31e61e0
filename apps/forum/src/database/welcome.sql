-- What the forum starts with. Written once: what a moderator does to it later stays done.
insert into category (slug, name, description, position) values
  ('gatehouse', 'The Gatehouse', 'Arrivals, news, and how this place works.', 1),
  ('courtyard', 'The Courtyard', 'Anything and everything, preferably outdoors.', 2),
  ('workshop', 'The Workshop', 'Making, mending, and asking how it was done.', 3),
  ('market', 'The Market', 'Things from the shop: questions, praise and repairs.', 4)
on conflict do nothing;

insert into thread (id, category, title, author_sub, author_name, request_id, started_at, last_post_at) overriding system value values
  (1, 'gatehouse', 'Welcome in', 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000001', '2026-01-05T09:00:00Z', '2026-01-05T09:20:00Z'),
  (2, 'gatehouse', 'How moderation works here', 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000002', '2026-01-05T10:00:00Z', '2026-01-05T10:00:00Z'),
  (3, 'courtyard', 'What are you looking at right now?', 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000003', '2026-01-06T08:30:00Z', '2026-01-06T08:30:00Z'),
  (4, 'workshop', 'Show us something you mended', 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000004', '2026-01-07T17:45:00Z', '2026-01-07T17:45:00Z'),
  (5, 'market', 'The Long Kettle whistles in B flat', 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000005', '2026-01-08T07:10:00Z', '2026-01-08T07:10:00Z')
on conflict do nothing;

insert into post (id, thread_id, opening, author_sub, author_name, request_id, posted_at, body) overriding system value values
  (1, 1, true, 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000001', '2026-01-05T09:00:00Z',
   E'You came through the gate, so you already know the most important thing about it: one sign-in opens the shop, the forum and the dashboard.\n\nPick a corner, read a little, and say hello when you feel like it. Nobody is counting.'),
  (2, 1, false, 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000006', '2026-01-05T09:20:00Z',
   'A small practical note: the name beside your posts is the one from your account at the moment you wrote them. Old posts keep the old name.'),
  (3, 2, true, 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000002', '2026-01-05T10:00:00Z',
   E'Moderators can hide a post and bring it back. A hidden post stays where it was, so the replies around it still make sense; only its text is gone, for everybody but its author and the moderators.\n\nHiding the first post of a thread hides the thread.'),
  (4, 3, true, 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000003', '2026-01-06T08:30:00Z',
   'From here: a wet courtyard, one sparrow, and a ladder somebody promised to put away on Thursday. Your turn.'),
  (5, 4, true, 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000004', '2026-01-07T17:45:00Z',
   'A chair leg, a bicycle bell, a sleeve. Tell us what broke, what you tried first, and what worked in the end.'),
  (6, 5, true, 'portcullis-team', 'Portcullis team', '00000000-0000-4000-8000-000000000005', '2026-01-08T07:10:00Z',
   'We checked with a piano. If yours sings another note, we would like to hear about it.')
on conflict do nothing;
