"""Statistical reports (统计报表): defined once, made on demand and on schedule, delivered as page, XLSX and PDF."""
