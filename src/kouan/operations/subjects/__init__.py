"""Subject domains (数据主题库·业务域): read models over the facts kept, without copies; totals lead to single events."""
