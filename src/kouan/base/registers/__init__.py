"""Legal persons, licences and geographic names of the national resource libraries."""
