df = pd.read_excel('/input/vendas.xlsx'); df.groupby('region').sum(numeric_only=True).to_parquet('/output/result.parquet')
