import type { Manifest } from '@/kernel/shell/routes'

const manifest: Manifest = {
  routes: [
    { path: '/operations/reports', component: () => import('./ReportsPage.vue') },
    { path: '/operations/reports/:id', component: () => import('./ReportPage.vue'), props: true },
  ],
  recordPages: { 'operations.reports.report': (id) => `/operations/reports/${id}` },
}
export default manifest
