"""What a link reads beside records: its own key, agreements in force, versions of what is given."""
