import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/base/receipts', component: () => import('./ReceiptPage.vue') },
    { path: '/base/receipts/:id', component: () => import('./ReceiptPage.vue'), props: true },
    { path: '/receipts/:id?', redirect: (to) => `/base/receipts${to.params.id ? `/${String(to.params.id)}` : ''}` },
    // The record module of answers is called `receipt`; its page is this one.
    { path: '/base/receipt', redirect: '/base/receipts' },
  ],
}
export default manifest
