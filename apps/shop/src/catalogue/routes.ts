import Router from '@koa/router';
import { AppError } from '@portcullis/http';
import type { Show } from '#pages/show.ts';
import { findProduct, type Product } from './products.ts';
import { catalogueView, productPageView } from './views.ts';

export function catalogueRoutes({ show }: { show: Show }): Router {
  const router = new Router();

  router.get('/', (ctx) => show.page(ctx, 'catalogue', 'Catalogue', catalogueView()));

  router.get('/products/:id', (ctx) => {
    const product = requireProduct(ctx.params['id']);
    show.page(ctx, 'product', product.name, productPageView(product, show.csrf(ctx), { value: '1', error: null }));
  });

  return router;
}

export function requireProduct(id: string | undefined): Product {
  const product = findProduct(id ?? '');
  if (!product) throw new AppError('missing', 'product_missing', 'We do not sell that, or no longer.');
  return product;
}
