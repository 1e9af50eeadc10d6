import 'element-plus/dist/index.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/parts.css'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n } from './kernel/i18n'
import { router } from './kernel/shell/router'
import { toast } from './kernel/toast'
import { explain } from './kernel/api/client'
import { loc } from './kernel/i18n'

const app = createApp(App)
app.config.errorHandler = (error) => {
  console.error(error)
  toast.fail(loc(explain(error)))
}
app.use(i18n).use(router).mount('#app')
