import Router from '@koa/router';
import { AppError } from '@portcullis/http';
import type { Show } from '#pages/show.ts';
import { catalogueMessages } from './messages.ts';
import { findProduct, type Product } from './products.ts';
import { catalogueView, productPageView } from './views.ts';

export function catalogueRoutes({ show }: { show: Show }): Router {
  const router = new Router();

  router.get('/', (ctx) => {
    const { t, locale } = show.words(ctx);
    show.page(ctx, 'catalogue', t('catalogue.title'), catalogueView(locale));
  });

  router.get('/products/:id', (ctx) => {
    const product = requireProduct(ctx.params['id']);
    const { locale } = show.words(ctx);
    const quantity = { value: '1', error: null };
    show.page(ctx, 'product', product.name, productPageView(locale, product, show.csrf(ctx), quantity));
  });

  return router;
}

export function requireProduct(id: string | undefined): Product {
  const product = findProduct(id ?? '');
  if (!product) throw new AppError('missing', 'product_missing', catalogueMessages.en.product_missing);
  return product;
}
