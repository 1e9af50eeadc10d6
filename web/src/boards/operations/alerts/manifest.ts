import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/operations/alerts', alias: '/warnings', component: () => import('./WarningsPage.vue') },
    { path: '/operations/alerts/wall', component: () => import('./WallPage.vue') },
    { path: '/operations/alerts/rules', component: () => import('./RulesPage.vue') },
    { path: '/operations/alerts/rules/:id', component: () => import('./RulePage.vue'), props: true },
    { path: '/operations/alerts/kinds/:code', component: () => import('./KindPage.vue'), props: true },
    { path: '/operations/alerts/:id', component: () => import('./WarningPage.vue'), props: true },
  ],
}
export default manifest
