import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/operations/subjects', component: () => import('./OperationPage.vue') },
    { path: '/operations/subjects/lookup', component: () => import('./LookupPage.vue') },
    { path: '/operations/subjects/economy', component: () => import('./EconomyPage.vue') },
  ],
}
export default manifest
