"""What people look at: a Streamlit dashboard over the views of one store."""
