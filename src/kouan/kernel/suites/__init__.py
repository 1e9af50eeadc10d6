"""Suites of cryptographic algorithms: the one place that names a hash, a cipher or a signature of the platform's own.

`intl` is the suite of a data folder unless another was chosen when it was made; `sm` is China's commercial cryptography
(商用密码: SM2, SM3, SM4). Import the parts by name: `suite` says what a suite gives, `known` which there are, `folder` which one
a data folder has. Protocols agreed with others (JWS, Standard Webhooks, OpenID Connect, JT/T 808) name their own.
"""
