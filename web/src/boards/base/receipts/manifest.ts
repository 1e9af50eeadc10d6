import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    // The module of answers is called `receipt`; its page is this one too.
    { path: '/base/receipts', alias: ['/base/receipt', '/receipts'], component: () => import('./ReceiptPage.vue') },
    { path: '/base/receipts/:id', alias: '/receipts/:id', component: () => import('./ReceiptPage.vue'), props: true },
  ],
}
export default manifest
