import { defineMessages } from '@portcullis/ui';

/** Both are codes of refusals. */
export const moderationMessages = defineMessages({
  en: {
    role_required: 'Only moderators can hide posts or bring them back.',
    post_missing: 'There is no such post.',
  },
  de: {
    role_required: 'Nur die Moderation kann Beiträge ausblenden oder zurückholen.',
    post_missing: 'Diesen Beitrag gibt es nicht.',
  },
  es: {
    role_required: 'Solo la moderación puede ocultar mensajes o recuperarlos.',
    post_missing: 'Ese mensaje no existe.',
  },
});
