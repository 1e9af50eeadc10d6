import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [{ path: '/standards/terms/search', alias: '/terms', component: () => import('./TermsPage.vue') }],
}
export default manifest
