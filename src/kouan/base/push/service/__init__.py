"""What pushing does: number what fits, make messages, hand them over."""
