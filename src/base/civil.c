typedef int civil_is_to_come;
