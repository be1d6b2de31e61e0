import { defineMessages } from '@portcullis/ui';

/** The person's picture, in the profile. */
export const accountPictureMessages = defineMessages({
  en: {
    alt: 'Your picture',
    choose: 'Choose a picture',
    hint: 'PNG, JPEG or WebP, up to 512 KB. Where and when it was taken is removed from the file.',
    hint_scripted:
      'PNG, JPEG or WebP; a large picture is made smaller. Where and when it was taken is removed from the file.',
    upload: 'Use this picture',
    remove: 'Remove the picture',
    missing: 'Choose a file first.',
    too_large: 'That file is larger than 512 KB. Make it smaller first, or choose another one.',
    not_an_image: 'That is not a PNG, JPEG or WebP picture that we can read.',
    dimensions: 'A picture may be 16 to 4096 pixels wide and high.',
  },
  de: {
    alt: 'Ihr Bild',
    choose: 'Wählen Sie ein Bild',
    hint: 'PNG, JPEG oder WebP, bis 512 KB. Wo und wann es aufgenommen wurde, wird aus der Datei entfernt.',
    hint_scripted:
      'PNG, JPEG oder WebP; ein großes Bild wird verkleinert. Wo und wann es aufgenommen wurde, wird aus der Datei entfernt.',
    upload: 'Dieses Bild verwenden',
    remove: 'Bild entfernen',
    missing: 'Wählen Sie zuerst eine Datei.',
    too_large: 'Diese Datei ist größer als 512 KB. Verkleinern Sie sie zuerst, oder wählen Sie eine andere.',
    not_an_image: 'Das ist kein PNG-, JPEG- oder WebP-Bild, das wir lesen können.',
    dimensions: 'Ein Bild darf 16 bis 4096 Pixel breit und hoch sein.',
  },
  es: {
    alt: 'Su imagen',
    choose: 'Elija una imagen',
    hint: 'PNG, JPEG o WebP, hasta 512 KB. Del archivo se elimina dónde y cuándo se tomó.',
    hint_scripted: 'PNG, JPEG o WebP; una imagen grande se reduce. Del archivo se elimina dónde y cuándo se tomó.',
    upload: 'Usar esta imagen',
    remove: 'Quitar la imagen',
    missing: 'Elija primero un archivo.',
    too_large: 'Ese archivo supera los 512 KB. Redúzcalo antes o elija otro.',
    not_an_image: 'No es una imagen PNG, JPEG o WebP que podamos leer.',
    dimensions: 'Una imagen puede medir de 16 a 4096 píxeles de ancho y de alto.',
  },
});
