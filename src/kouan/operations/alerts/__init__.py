"""Early warning (监测预警): conditions watched live, warnings handled to their end, rules that port staff write."""
