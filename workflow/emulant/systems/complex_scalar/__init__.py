"""A complex scalar field at chemical potential in dual variables: conserved integers on links, without a sign problem."""
