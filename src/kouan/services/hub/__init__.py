"""The single-window hub (单一窗口): the functions of all agencies in four groups, over one user and one set of data."""
