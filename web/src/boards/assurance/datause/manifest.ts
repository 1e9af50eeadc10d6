import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/assurance/datause', component: () => import('./SituationPage.vue') },
    { path: '/assurance/datause/uses', component: () => import('./UsesPage.vue') },
  ],
}
export default manifest
